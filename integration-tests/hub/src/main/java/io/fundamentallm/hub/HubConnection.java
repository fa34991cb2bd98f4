package io.fundamentallm.hub;

import io.fundamentallm.model.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the hub. Follows redirects itself, as the token is for the hub's own host alone, and
 * as the headers that describe a file are those of the answer that sends elsewhere for its bytes.
 */
final class HubConnection {
  private static final int REDIRECTS = 6;
  private static final int JSON_BYTES = 32 << 20;
  private static final long LOOK_MILLIS = 50;
  private static final String USER_AGENT = "fundamentallm-hub";

  /** An answer, with the address that gave it. */
  record Answer(int status, HttpHeaders headers, URI from, ResponseBody body) {
    String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  private final HttpClient client;
  private final URI endpoint;
  private final @Nullable String token;
  private final Duration patience;
  private final Cancellation cancellation;

  HubConnection(
      URI endpoint, @Nullable String token, Duration patience, Cancellation cancellation) {
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(patience)
            .build();
    this.endpoint = endpoint;
    this.token = token;
    this.patience = patience;
    this.cancellation = cancellation;
  }

  /** An address under the endpoint. */
  URI address(String path) {
    String base = endpoint.toString();
    return URI.create((base.endsWith("/") ? base : base + "/") + path);
  }

  /** The text of a JSON answer, whose size is limited. */
  String json(URI at, String what) throws IOException {
    Answer answer = send(at, "GET", -1, true);
    try (ResponseBody body = answer.body()) {
      if (answer.status() != 200) {
        throw refusal(answer, what);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (List<ByteBuffer> piece = next(body); piece != null; piece = next(body)) {
        for (ByteBuffer buffer : piece) {
          byte[] some = new byte[buffer.remaining()];
          buffer.get(some);
          bytes.write(some);
        }
        if (bytes.size() > JSON_BYTES) {
          throw new IOException(at + " answers with more than " + JSON_BYTES + " bytes");
        }
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /**
   * The headers that describe a file: those of the first answer that does not send to another
   * address of the same host.
   */
  Answer head(URI at, String what) throws IOException {
    Answer answer = send(at, "HEAD", -1, false);
    answer.body().close();
    if (answer.status() >= 400) {
      throw refusal(answer, what);
    }
    return answer;
  }

  /** The bytes of a file from an offset on; the caller looks at the status. */
  Answer get(URI at, long offset) throws IOException {
    return send(at, "GET", offset, true);
  }

  /** The next piece, or null at the end. */
  @Nullable List<ByteBuffer> next(ResponseBody body) throws IOException {
    try {
      return body.next(cancellation);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private Answer send(URI at, String method, long offset, boolean elsewhere) throws IOException {
    URI to = at;
    for (int i = 0; i < REDIRECTS; i++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(to)
              .method(method, HttpRequest.BodyPublishers.noBody())
              .timeout(patience)
              .header("User-Agent", USER_AGENT)
              .header("Accept-Encoding", "identity");
      if (offset > 0) {
        request.header("Range", "bytes=" + offset + "-");
      }
      if (token != null && isSameHost(to, endpoint)) {
        request.header("Authorization", "Bearer " + token);
      }
      Answer answer = exchange(request.build());
      boolean redirect = answer.status() >= 301 && answer.status() <= 308 && answer.status() != 304;
      String location = answer.header("Location");
      if (!redirect || location.isEmpty()) {
        return answer;
      }
      URI next = resolve(to, location);
      if (!elsewhere && !isSameHost(next, to)) {
        return answer;
      }
      answer.body().close();
      to = next;
    }
    throw new IOException(at + " leads to more than " + REDIRECTS + " other addresses");
  }

  private static URI resolve(URI from, String location) throws IOException {
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException(from + " leads to \"" + location + "\", which is no address", e);
    }
    String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
    boolean plain = scheme.equals("http") && !"https".equalsIgnoreCase(from.getScheme());
    if (next.getHost() == null || (!scheme.equals("https") && !plain)) {
      throw new IOException(from + " leads to " + next + ", which is not followed");
    }
    return next;
  }

  private Answer exchange(HttpRequest request) throws IOException {
    ResponseBody body = new ResponseBody(patience);
    CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> pending =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofPublisher());
    try {
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = await(pending);
      response.body().subscribe(body);
      return new Answer(response.statusCode(), response.headers(), request.uri(), body);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      String why =
          cause instanceof ConnectException
              ? "cannot be reached; look at the network, name a proxy (-Dhttps.proxyHost) or a"
                  + " mirror (HF_ENDPOINT), or take what the cache holds (HF_HUB_OFFLINE=1)"
              : Objects.requireNonNullElse(cause.getMessage(), cause.toString());
      throw new IOException(request.uri().getAuthority() + ": " + why, cause);
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      pending.cancel(true); // no effect once there is an answer
    }
  }

  private <T> T await(CompletableFuture<T> pending)
      throws ExecutionException, InterruptedException {
    while (true) {
      cancellation.throwIfCancelled();
      try {
        return pending.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // look again: the request has a timeout of its own
      } catch (CancellationException e) {
        throw new ExecutionException(e);
      }
    }
  }

  private static boolean isSameHost(URI one, URI other) {
    return one.getAuthority() != null
        && one.getAuthority().equalsIgnoreCase(other.getAuthority())
        && one.getScheme().equalsIgnoreCase(other.getScheme());
  }

  private static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while downloading");
  }

  /** What an answer of 400 and more means, and what to do. */
  HubException refusal(Answer answer, String what) {
    String code = answer.header("X-Error-Code");
    String said = answer.header("X-Error-Message");
    String advice =
        switch (code) {
          case "GatedRepo" ->
              "its owner gives access on request: ask for it at "
                  + endpoint
                  + ", then give a token in HF_TOKEN";
          case "RevisionNotFound" -> "the repository has no such revision";
          case "EntryNotFound" -> "the repository has no such file at this revision";
          default -> advice(answer.status());
        };
    return new HubException(
        what
            + ": "
            + advice
            + " ("
            + answer.status()
            + (said.isEmpty() ? "" : ", \"" + said + "\"")
            + ")",
        answer.status(),
        code);
  }

  private String advice(int status) {
    return switch (status) {
      case 401 ->
          token == null
              ? "there is no such repository, or it is private: check the name, or give a token in"
                  + " HF_TOKEN"
              : "there is no such repository, or the token does not open it: check both";
      case 403 -> "the token does not allow it";
      case 404 -> "there is no such repository, or it is not visible with this token";
      case 429 -> "too many requests for now: wait, or give a token in HF_TOKEN";
      default -> "the hub at " + endpoint + " refused";
    };
  }
}
