/**
 * Text and its tokens: {@link io.fundamentallm.text.Tokenizer}, chat messages and templates,
 * corpora of text.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.text;
