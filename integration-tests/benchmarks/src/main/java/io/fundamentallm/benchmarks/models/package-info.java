/**
 * Random models of a shape, in the formats that the compared runtimes read: Hugging Face's
 * directory, GGUF, ONNX as it is best for ONNX Runtime, and ONNX as this library exports it. All
 * formats of one shape hold the same weights.
 */
@NullMarked
package io.fundamentallm.benchmarks.models;

import org.jspecify.annotations.NullMarked;
