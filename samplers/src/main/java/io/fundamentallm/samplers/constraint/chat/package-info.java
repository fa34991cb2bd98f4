/** Answers of chat models as grammars: text, thinking, and calls held to their tools' schemas. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint.chat;
