/** What cuts text into the pieces that a model never joins: pre-tokenizers. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.split;
