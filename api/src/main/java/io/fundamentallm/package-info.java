/**
 * What applications use: {@link io.fundamentallm.TextGenerator} to continue text, {@link
 * io.fundamentallm.TextScorer} to measure it, {@link io.fundamentallm.training.Trainer} to fit a
 * model to it, and the parts they are made of. Data flows one way: text, tokens, logits, token,
 * text.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm;
