// Addresses of the console that several pages lead to.
import { queryText } from '../api';

interface Named { account: string; region: string; source: string; name: string; errorCode: string | null; category?: string }

/** One series: what is expected of it, and what was found in it. */
export const seriesLink = ({ account, region, source, name, errorCode, category }: Named) =>
  `/series${queryText({ account, region, source, name, error: errorCode, category: category === 'Data' ? category : undefined })}`;
