/**
 * One class for each stage: its name, its options, its rule and the source of the rule. The stages
 * run on the candidates that earlier stages left, ties go to the lowest token id, and nothing is
 * allocated from step to step once the first was taken.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers;
