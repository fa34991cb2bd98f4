/** SentencePiece's .model: the file, and its unigram and BPE models. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.sentencepiece;
