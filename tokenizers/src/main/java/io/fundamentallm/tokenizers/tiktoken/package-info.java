/** tiktoken's files of ranks. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.tiktoken;
