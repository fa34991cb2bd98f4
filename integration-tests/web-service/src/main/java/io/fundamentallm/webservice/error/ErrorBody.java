package io.fundamentallm.webservice.error;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenAI's body of an error. */
public final class ErrorBody {
  private ErrorBody() {}

  /**
   * What a client may know about an error: everything about ours; of others, only that there was
   * one.
   */
  public static Object of(Throwable error) {
    return error instanceof ApiException ours
        ? of(ours.text(), ours.type(), ours.param(), ours.code())
        : of("the service failed; its log says more", "server_error", null, "internal_error");
  }

  public static Object of(
      String message, String type, @Nullable String param, @Nullable String code) {
    Map<String, @Nullable Object> error = new LinkedHashMap<>();
    error.put("message", message);
    error.put("type", type);
    error.put("param", param);
    error.put("code", code);
    return Map.of("error", error);
  }

  /** Anthropic's body of an error. */
  public static Object messages(Throwable error) {
    boolean ours = error instanceof ApiException;
    int status = error instanceof ApiException known ? known.status().value() : 500;
    String type =
        switch (status) {
          case 401 -> "authentication_error";
          case 403 -> "permission_error";
          case 404 -> "not_found_error";
          case 413 -> "request_too_large";
          case 429 -> "rate_limit_error";
          case 503 -> isClosing(error) ? "api_error" : "overloaded_error";
          default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    String message = ours ? ((ApiException) error).text() : "the service failed; its log says more";
    return Map.of("type", "error", "error", Map.of("type", type, "message", message));
  }

  private static boolean isClosing(Throwable error) {
    return error instanceof ApiException known && ApiException.CLOSING.equals(known.code());
  }
}
