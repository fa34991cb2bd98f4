/** Text on its way to a model: UTF-8 that knows where it came from, and what rewrites it. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.text;
