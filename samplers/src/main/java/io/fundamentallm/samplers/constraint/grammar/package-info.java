/** Grammars as expressions over bytes, and the notation GBNF. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint.grammar;
