package io.fundamentallm.decoding;

/** See {@link StopCondition#repetition}. */
record RepetitionStop(int minLength, int maxLength, int count) implements StopCondition {
  RepetitionStop {
    if (minLength < 1 || maxLength < minLength || count < 2) {
      throw new IllegalArgumentException(
          "a pattern of "
              + minLength
              + " to "
              + maxLength
              + " tokens that occurs "
              + count
              + " times; expected 1 <= minLength <= maxLength and count >= 2");
    }
  }

  @Override
  public boolean isMet(History history) {
    for (int length = minLength; length <= maxLength; length++) {
      if ((long) length * count > history.generated()) {
        return false;
      }
      if (isRepeated(history, length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last {@code length * count} tokens have the period {@code length}. */
  private boolean isRepeated(History history, int length) {
    int end = history.length();
    for (int i = end - length * count; i < end - length; i++) {
      if (history.token(i) != history.token(i + length)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public FinishReason reason() {
    return FinishReason.REPETITION;
  }
}
