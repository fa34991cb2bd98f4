package io.fundamentallm.tokenizers.chat.value;

/** Python's {@code None}. */
public enum None {
  NONE
}
