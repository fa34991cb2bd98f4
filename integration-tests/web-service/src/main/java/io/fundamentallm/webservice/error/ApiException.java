package io.fundamentallm.webservice.error;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** An error as OpenAI's interface reports it. Its message is for the client, and is not logged. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final HttpStatus status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;

  public ApiException(
      HttpStatus status,
      String type,
      @Nullable String param,
      @Nullable String code,
      String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** The request is wrong. */
  public static ApiException invalid(@Nullable String param, String message) {
    return invalid(param, null, message);
  }

  /** The request is wrong in a way that has a name. */
  public static ApiException invalid(
      @Nullable String param, @Nullable String code, String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, "invalid_request_error", param, code, message);
  }

  /** There is no room for another request. */
  public static ApiException busy(String message) {
    return new ApiException(
        HttpStatus.TOO_MANY_REQUESTS, "requests", null, "rate_limit_exceeded", message);
  }

  /** The request had to wait too long. */
  public static ApiException late(String message) {
    return new ApiException(
        HttpStatus.SERVICE_UNAVAILABLE, "server_error", null, "timeout", message);
  }

  /** There is no memory for another request. */
  public static ApiException full(String message) {
    return new ApiException(
        HttpStatus.SERVICE_UNAVAILABLE, "server_error", null, "cache_full", message);
  }

  public HttpStatus status() {
    return status;
  }

  public String type() {
    return type;
  }

  public @Nullable String param() {
    return param;
  }

  public @Nullable String code() {
    return code;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
