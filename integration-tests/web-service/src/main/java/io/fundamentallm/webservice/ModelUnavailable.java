package io.fundamentallm.webservice;

import org.jspecify.annotations.Nullable;

/** There is no model to serve; says why. */
final class ModelUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  ModelUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
