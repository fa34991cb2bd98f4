package io.fundamentallm.tokenizers.chat;

/** Python's {@code None}. */
enum None {
  NONE
}
