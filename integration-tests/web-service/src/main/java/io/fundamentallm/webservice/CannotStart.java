package io.fundamentallm.webservice;

import org.jspecify.annotations.Nullable;

/** The service cannot start; says why, and what to do. */
final class CannotStart extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String remedy;

  CannotStart(String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }
}
