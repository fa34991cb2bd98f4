/**
 * The inner loops. Everything numeric that runs once per weight or per activation is here, behind
 * {@link io.fundamentallm.runtime.cpu.kernels.Kernels}; kernels know nothing about models.
 */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.NullMarked;
