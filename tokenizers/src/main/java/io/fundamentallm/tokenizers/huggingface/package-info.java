/** tokenizer.json and the files beside it, as the tokenizers library writes them. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.huggingface;
