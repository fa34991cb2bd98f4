/** The values of templates, as Python has them, and what they cost. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.chat.value;
