package io.fundamentallm.tokenizers.chat;

/** Something with a value. */
@FunctionalInterface
interface Expression {
  Object evaluate(Scope scope);
}
