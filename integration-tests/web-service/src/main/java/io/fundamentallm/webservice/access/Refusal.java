package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.json.JsonBodies;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer that ends a connection before a request of it has reached anything that answers. It
 * repeats nothing that the client sent. Immutable.
 *
 * @param status of the answer
 * @param type of its error
 * @param code of its error
 * @param message what was expected, and what to do
 */
record Refusal(HttpResponseStatus status, String type, String code, String message) {
  /** There are too many connections: the client may try again. */
  static final Refusal FULL =
      new Refusal(
          HttpResponseStatus.SERVICE_UNAVAILABLE,
          "server_error",
          "too_many_connections",
          "too many connections are open whose clients have not asked for anything yet; send the"
              + " request again later");

  /** The header: a name or an address in brackets, and optionally a port. */
  private static final Pattern HOST =
      Pattern.compile("(?:\\[[0-9A-Fa-f:.]+]|[^\\[\\]:/?#@\\s]*)(?::([0-9]{1,5}))?");

  private static final String CODE = "invalid_http";

  /** Of what the codec could not read. */
  static Refusal of(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return invalid(
          HttpResponseStatus.REQUEST_URI_TOO_LONG, CODE, "the request's address is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      return invalid(
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          CODE,
          "the request's headers are too long");
    }
    return malformed();
  }

  /**
   * Of a request that the next handler would not accept: it would log what the client wrote, or
   * answer without a word. Null if there is nothing to refuse.
   */
  static @Nullable Refusal of(HttpRequest request) {
    Matcher host = HOST.matcher(request.headers().get(HttpHeaderNames.HOST, ""));
    if (request.protocolVersion().majorVersion() != 1
        || !host.matches()
        || (host.group(1) != null && Integer.parseInt(host.group(1)) > 65_535)) {
      return malformed();
    }
    return isAddress(request.uri())
        ? null
        : invalid(
            HttpResponseStatus.BAD_REQUEST,
            "invalid_address",
            "the request's address has a character that must be written as % and two hexadecimal"
                + " digits: % itself is %25");
  }

  private static boolean isAddress(String uri) {
    try {
      new URI(uri.startsWith("/") ? "http://localhost" + uri : uri);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static Refusal malformed() {
    return invalid(
        HttpResponseStatus.BAD_REQUEST,
        CODE,
        "the request is not HTTP/1.1, or its header Host is not a name and a port");
  }

  private static Refusal invalid(HttpResponseStatus status, String code, String message) {
    return new Refusal(status, "invalid_request_error", code, message);
  }

  /** It as the last answer of its connection. */
  FullHttpResponse response() {
    byte[] body = JsonBodies.write(ErrorBody.of(message, type, null, code));
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
        .set(RequestIds.HEADER, RequestIds.next());
    if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
    }
    return response;
  }
}
