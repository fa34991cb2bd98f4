package io.fundamentallm.tokenizers.split;

/** To which pieces {@link MetaspaceSplit} prepends its character. */
public enum PrependScheme {
  /** To each. */
  ALWAYS,
  /** To none. */
  NEVER,
  /** To the one at the very start of the original text. */
  FIRST
}
