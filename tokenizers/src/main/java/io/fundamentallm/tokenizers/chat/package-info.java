/** Chat templates: conversations as the text that a model was trained on. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.chat;
