package io.fundamentallm.model;

/**
 * Hears what {@link io.fundamentallm.LanguageModels#batching} does, for metrics. Called by the
 * threads of the callers, several at a time, so it must be thread-safe and quick: the caller that
 * led a pass tells of it after it woke the others and before it goes on itself. What it throws is
 * dropped. The figures are plain numbers, so that nothing is allocated for them.
 */
public interface BatchingListener {
  /**
   * After each pass, one that failed included.
   *
   * @param waiting how many calls waited when it ended, those that it read a part of included
   * @param sessions how many sessions rode in it
   * @param tokens how many tokens it read
   * @param nanos how long it took
   */
  default void onPass(int waiting, int sessions, int tokens, long nanos) {}

  /**
   * After a call was refused because of {@link BatchingLimits#callers()}.
   *
   * @param waiting how many calls waited
   */
  default void onRejection(int waiting) {}

  /** Hears nothing. */
  static BatchingListener none() {
    return new BatchingListener() {};
  }
}
