/** What turns a piece of text into tokens: BPE, Unigram, WordPiece, WordLevel. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.model;
