/**
 * What a language model is to the rest of the library: {@link io.fundamentallm.model.LanguageModel}
 * and its sessions, the typed failures, cancellation, and the {@linkplain
 * io.fundamentallm.model.Spec notation} that names parts.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.model;
