/** What the web service's container takes: its size, its start, its memory. */
@NullMarked
package io.fundamentallm.benchmarks.service;

import org.jspecify.annotations.NullMarked;
