/**
 * Constraints on the generated text: each notation is compiled to one {@link
 * io.fundamentallm.samplers.constraint.grammar.Grammar} over bytes, which one automaton runs over
 * the bytes of any tokenizer.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint;
