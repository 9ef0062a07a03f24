// Time ranges, as every page offers them: the last so many hours or days, or from when until when; in the address.
import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import { useUrlState } from './url';

/** Seconds up to now. */
export const SPANS: Record<string, number> = { '1h': 3600, '12h': 43_200, '1d': 86_400, '7d': 604_800, '30d': 2_592_000, '90d': 7_776_000 };
const UNITS: Record<string, [number, 'hour' | 'day']> = { '1h': [1, 'hour'], '12h': [12, 'hour'], '1d': [1, 'day'], '7d': [7, 'day'], '30d': [30, 'day'], '90d': [90, 'day'] };

const seconds = (date: string) => String(Math.floor(Date.parse(date) / 1000));

const isValidRange = (value: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult => {
  if (value?.type === 'relative' && !value.key) return { valid: false, errorMessage: 'One of those above it is; any other is said by from and until.' };
  if (value?.type === 'absolute' && Number(seconds(value.startDate)) >= Number(seconds(value.endDate))) return { valid: false, errorMessage: 'It must begin before it ends.' };
  return { valid: true };
};

const RANGE_WORDS = {
  ariaLabel: 'Time range', todayAriaLabel: 'Today', nextMonthAriaLabel: 'Next month', previousMonthAriaLabel: 'Previous month', relativeModeTitle: 'Up to now', absoluteModeTitle: 'From and until', relativeRangeSelectionHeading: 'The last', customRelativeRangeOptionLabel: 'Another', customRelativeRangeOptionDescription: 'So many, and of what', customRelativeRangeUnitLabel: 'Of', customRelativeRangeDurationLabel: 'So many', customRelativeRangeDurationPlaceholder: 'A number',
  formatRelativeRange: (value: { amount: number; unit: string }) => `Last ${value.amount} ${value.unit}${value.amount === 1 ? '' : 's'}`, formatUnit: (unit: string, amount: number) => (amount === 1 ? unit : `${unit}s`), startDateLabel: 'From (day)', startTimeLabel: 'From (time, UTC)', endDateLabel: 'Until (day)', endTimeLabel: 'Until (time, UTC)', clearButtonLabel: 'Back to 30 days', cancelButtonLabel: 'Cancel', applyButtonLabel: 'Apply', dateTimeConstraintText: 'In UTC.', errorIconAriaLabel: 'Error', renderSelectedAbsoluteRangeAriaLive: (from: string, until: string) => `From ${from} until ${until}`,
};

/** The span up to now that an address asks for; none, if it says from when. */
export const spanOf = (state: { span?: string; from?: string }, usual: string) => state.span ?? (state.from ? undefined : usual);

/** Chooses the time. `usual`: the span where the address has none; `now`: by the service's clock. */
export function TimeRange({ usual, now, words }: { usual: string; now: number; words?: Partial<typeof RANGE_WORDS> }) {
  const [state, set] = useUrlState();
  const span = spanOf(state, usual);
  const iso = (at: string | number | undefined) => new Date(Number(at) * 1000).toISOString();
  return (
    <DateRangePicker
      value={span ? { type: 'relative', key: span in UNITS ? span : usual, amount: UNITS[span]?.[0] ?? 1, unit: UNITS[span]?.[1] ?? 'day' } : { type: 'absolute', startDate: iso(state.from), endDate: iso(state.until ?? now) }}
      onChange={({ detail: { value } }) => {
        if (!value) set({ span: undefined, from: undefined, until: undefined, page: undefined }, true);
        else if (value.type === 'relative') set({ span: value.key === usual ? undefined : value.key, from: undefined, until: undefined, page: undefined }, true);
        else set({ span: undefined, from: seconds(value.startDate), until: seconds(value.endDate), page: undefined }, true);
      }}
      relativeOptions={Object.entries(UNITS).map(([key, [amount, unit]]) => ({ key, amount, unit, type: 'relative' as const }))}
      isValidRange={isValidRange}
      rangeSelectorMode="default"
      timeOffset={0}
      placeholder="Time range"
      i18nStrings={{ ...RANGE_WORDS, ...words }}
    />
  );
}
