/** JSON, read once and small in memory. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.json;
