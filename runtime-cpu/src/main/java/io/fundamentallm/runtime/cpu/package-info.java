/**
 * Decoder-only transformers in pure Java. Applications do not use this package by name: its
 * providers are found by {@link io.fundamentallm.LanguageModels} and {@link
 * io.fundamentallm.Trainers} as {@code cpu}.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu;
