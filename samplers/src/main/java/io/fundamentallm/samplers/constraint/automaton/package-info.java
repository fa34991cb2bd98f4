/**
 * Which tokens a grammar allows next: a pushdown automaton over bytes, its stacks shared, walked
 * along a trie of the vocabulary.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint.automaton;
