/**
 * Answers of chat models, taken apart while they are written: text, thinking and calls of tools.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.chat;
