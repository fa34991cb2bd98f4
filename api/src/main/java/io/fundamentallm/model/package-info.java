/**
 * What a language model is to everybody else: {@link io.fundamentallm.model.LanguageModel} and its
 * sessions, the typed failures, cancellation, and the {@linkplain io.fundamentallm.model.Spec
 * notation} that names parts.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.model;
