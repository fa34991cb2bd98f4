package io.fundamentallm.webservice.admission;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Reads the bodies of requests, within limits of size and time. */
@Component
public final class RequestBodies {
  /** A body of the largest size comes through at 35 KB/s. */
  private static final Duration TIME = Duration.ofSeconds(30);

  private final long max;

  RequestBodies(ServiceSettings settings) {
    max = settings.limits().body().toBytes();
  }

  public Mono<byte[]> read(ServerHttpRequest request) {
    // another site's page can make a browser send requests here, but not of this type
    if (!isJson(request.getHeaders())) {
      return Mono.error(
          new ApiException(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "invalid_request_error",
              null,
              "unsupported_media_type",
              "the header Content-Type must be application/json"));
    }
    if (request.getHeaders().getContentLength() > max) {
      return Mono.error(tooLarge());
    }
    return DataBufferUtils.join(request.getBody(), (int) Math.min(Integer.MAX_VALUE, max))
        .map(
            buffer -> {
              byte[] bytes = new byte[buffer.readableByteCount()];
              buffer.read(bytes);
              DataBufferUtils.release(buffer);
              return bytes;
            })
        .defaultIfEmpty(new byte[0])
        .timeout(TIME)
        .onErrorMap(DataBufferLimitException.class, e -> tooLarge())
        .onErrorMap(
            TimeoutException.class,
            e ->
                new ApiException(
                    HttpStatus.REQUEST_TIMEOUT,
                    "invalid_request_error",
                    null,
                    "timeout",
                    "the request's body did not come within " + TIME.toSeconds() + " s"));
  }

  private static boolean isJson(HttpHeaders headers) {
    try {
      return MediaType.APPLICATION_JSON.isCompatibleWith(headers.getContentType());
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }

  private ApiException tooLarge() {
    return new ApiException(
        HttpStatus.CONTENT_TOO_LARGE,
        "invalid_request_error",
        null,
        "request_too_large",
        "the request's body is larger than " + max + " bytes, the most allowed here");
  }
}
