/**
 * The least that a program in Java has to do to decode on ONNX Runtime: loops written by hand for
 * one graph, to measure what a runtime adds to them.
 *
 * <p>Names, buffers and tensors are made once, those of the growing attention mask too, one for
 * each length. Left for a token are two numbers to write, the run, and the copy of a row of logits.
 */
@NullMarked
package io.fundamentallm.benchmarks.inference.direct;

import org.jspecify.annotations.NullMarked;
