package io.fundamentallm.runtime.gpu;

/** There is no memory for keys and values; with fewer sequences at a time there may be. */
final class NoRoomException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  NoRoomException(String message, Throwable cause) {
    super(message, cause);
  }

  NoRoomException(String message) {
    super(message);
  }
}
