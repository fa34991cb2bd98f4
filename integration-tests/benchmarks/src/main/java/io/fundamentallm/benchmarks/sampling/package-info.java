/** Speed of sampling: what stages and constraints cost for a token. */
@NullMarked
package io.fundamentallm.benchmarks.sampling;

import org.jspecify.annotations.NullMarked;
