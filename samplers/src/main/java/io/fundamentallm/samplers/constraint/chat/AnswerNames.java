package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.automaton.TextNames;
import org.jspecify.annotations.Nullable;

/** The names in an answer, but for what is thought in it. Immutable. */
interface AnswerNames extends TextNames {
  /** Whether the next byte may begin thinking: it is in no document and in no call. */
  boolean isAtText();

  @Override
  @Nullable AnswerNames after(int value);
}
