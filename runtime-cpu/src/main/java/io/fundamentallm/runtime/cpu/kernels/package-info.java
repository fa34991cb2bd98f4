/**
 * The inner loops. Everything numeric that runs once per weight or per activation is here, behind
 * {@link io.fundamentallm.runtime.cpu.kernels.Kernels}; kernels know nothing about models.
 *
 * <p>No method hands a vector to another: it goes through an array. C2 stops inlining methods into
 * one that has grown past its limit ({@code NodeCountInliningCutoff}), but for those of the Vector
 * API, and where a call of ours remains its vector is an object on the heap. Which methods grow
 * that far differs from run to run. A batch of sixteen with int8 weights was 1 to 3.5 times as fast
 * by chance while one small method of its kernel returned a vector.
 */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.NullMarked;
