/** Learns vocabularies from text. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.train;
