package io.fundamentallm.tokenizers;

import java.io.IOException;

/** A well-formed file that describes another kind of tokenizer than the one asked for. */
final class OtherKindException extends IOException {
  private static final long serialVersionUID = 1;

  private final String reason;

  OtherKindException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** One clause that completes "because …". */
  String reason() {
    return reason;
  }
}
