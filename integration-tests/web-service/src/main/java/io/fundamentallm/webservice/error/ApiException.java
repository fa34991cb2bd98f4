package io.fundamentallm.webservice.error;

import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.ClosedModelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** An error as OpenAI's interface reports it. Its message is for the client, and is not logged. */
public final class ApiException extends RuntimeException {
  /** The code of what is being closed; the same status also stands for what is only full. */
  static final String CLOSING = "shutting_down";

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

  /** The service, or the model that is asked for, is being closed. */
  public static ApiException closing() {
    return new ApiException(
        HttpStatus.SERVICE_UNAVAILABLE,
        "server_error",
        null,
        CLOSING,
        "the service is being stopped");
  }

  /** There is no memory for another request. */
  public static ApiException full(String message) {
    return new ApiException(
        HttpStatus.SERVICE_UNAVAILABLE, "server_error", null, "cache_full", message);
  }

  /**
   * What an exception means to a client, at whatever address it asked; null if it is a failure of
   * the service. The one place that knows this, for all addresses.
   */
  public static @Nullable ApiException of(Throwable error) {
    if (error instanceof ApiException ours) {
      return ours;
    } else if (error instanceof CacheFullException) {
      return full(error.getMessage() + "; send this one again later");
    } else if (error instanceof ClosedModelException
        || error instanceof RejectedExecutionException) { // by threads that are shut down
      return closing();
    } else if (error instanceof TimeoutException || error instanceof CancellationException) {
      return late("the answer took too long");
    }
    return null;
  }

  /** What an exception means to a client; itself if it is a failure of the service. */
  public static Throwable meaning(Throwable error) {
    ApiException known = of(error);
    return known == null ? error : known;
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
