package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.error.ApiException;

/** The error for prompts that are longer than the model's context. */
final class ContextLength {
  private ContextLength() {}

  static ApiException exceeded(String param, int contextLength, String tokens) {
    return ApiException.invalid(
        param,
        "context_length_exceeded",
        "This model's maximum context length is "
            + contextLength
            + " tokens. However, your "
            + param
            + " resulted in "
            + tokens
            + " tokens. Please reduce the length of the "
            + param
            + ".");
  }
}
