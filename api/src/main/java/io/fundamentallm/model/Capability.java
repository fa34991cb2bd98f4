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
  /** {@link Append#hidden} is filled. */
  HIDDEN_STATES
}
