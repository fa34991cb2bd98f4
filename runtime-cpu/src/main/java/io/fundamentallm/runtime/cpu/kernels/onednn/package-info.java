/** The one place that knows oneDNN, a native library that an application may add. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.onednn;

import org.jspecify.annotations.NullMarked;
