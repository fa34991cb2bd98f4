/** Speed of decoders, side by side with plain sampling. */
@NullMarked
package io.fundamentallm.benchmarks.decoding;

import org.jspecify.annotations.NullMarked;
