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
}
