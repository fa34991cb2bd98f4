/**
 * Fair comparison on a machine whose speed varies: the contestants take turns in one process, and
 * medians count.
 */
@NullMarked
package io.fundamentallm.benchmarks.rotation;

import org.jspecify.annotations.NullMarked;
