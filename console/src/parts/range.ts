// Time ranges, as every page offers them.
import type { DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';

/** Seconds up to now. */
export const SPANS: Record<string, number> = { '1h': 3600, '12h': 43_200, '1d': 86_400, '7d': 604_800, '30d': 2_592_000, '90d': 7_776_000 };
export const UNITS: Record<string, [number, 'hour' | 'day']> = { '1h': [1, 'hour'], '12h': [12, 'hour'], '1d': [1, 'day'], '7d': [7, 'day'], '30d': [30, 'day'], '90d': [90, 'day'] };

export const seconds = (date: string) => String(Math.floor(Date.parse(date) / 1000));

export const isValidRange = (value: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult =>
  !value || value.type === 'relative' || Number(seconds(value.startDate)) < Number(seconds(value.endDate)) ? { valid: true } : { valid: false, errorMessage: 'It must begin before it ends.' };

export const RANGE_WORDS = {
  ariaLabel: 'Time range', todayAriaLabel: 'Today', nextMonthAriaLabel: 'Next month', previousMonthAriaLabel: 'Previous month', relativeModeTitle: 'Up to now', absoluteModeTitle: 'From and until', relativeRangeSelectionHeading: 'The last', customRelativeRangeOptionLabel: 'Another', customRelativeRangeOptionDescription: 'So many, and of what', customRelativeRangeUnitLabel: 'Of', customRelativeRangeDurationLabel: 'So many', customRelativeRangeDurationPlaceholder: 'A number',
  formatRelativeRange: (value: { amount: number; unit: string }) => `Last ${value.amount} ${value.unit}${value.amount === 1 ? '' : 's'}`, formatUnit: (unit: string, amount: number) => (amount === 1 ? unit : `${unit}s`), startDateLabel: 'From (day)', startTimeLabel: 'From (time, UTC)', endDateLabel: 'Until (day)', endTimeLabel: 'Until (time, UTC)', clearButtonLabel: 'Back to 30 days', cancelButtonLabel: 'Cancel', applyButtonLabel: 'Apply', dateTimeConstraintText: 'In UTC.', errorIconAriaLabel: 'Error', renderSelectedAbsoluteRangeAriaLive: (from: string, until: string) => `From ${from} until ${until}`,
};
