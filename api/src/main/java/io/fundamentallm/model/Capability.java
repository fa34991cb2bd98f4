package io.fundamentallm.model;

/** What a runtime can do beyond appending tokens and computing logits. */
public enum Capability {
  /** {@link Session#fork()} shares the past instead of copying or computing it again. */
  SHARED_FORK,
  /** {@link Session#truncate} works. */
  TRUNCATE,
  /** {@link Session#evict} works. */
  EVICT,
  /** {@link Session#save} and {@link LanguageModel#restore} work. */
  SAVE,
  /**
   * {@link Session#bytes} is known, and {@link LanguageModel#onCacheFull} is heeded, so that
   * sessions can be kept for later without taking memory from anybody.
   */
  RECLAIM,
  /** {@link Append#hidden} is filled. */
  HIDDEN_STATES
}
