package io.fundamentallm.tokenizers.chat;

/** Something with a value. */
@FunctionalInterface
interface TemplateExpression {
  Object evaluate(Scope scope);
}
