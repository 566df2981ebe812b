Feature: Financial assistance
  Learners state the income of their household and their country, and get a price that they can afford.
  The course runs of DEDP have a list price of $1,000.00.

  Background:
    Given staff set the tiers of "DEDP" for the courses of the program "DEDP-MM"
      | from  | saving |
      | 0     | 75%    |
      | 25000 | 50%    |
      | 50000 | 25%    |
      | 75000 | full   |

  Rule: The discount depends on the income and the country

    @AID-01
    Scenario Outline: The tier of the income sets the price, from the form to the receipt
      When Ada applies with an income of <income> USD in "US"
      Then Ada is told that "<told>"
      When Ada buys "14.310x-1T2027"
      Then Ada paid $<price>
      And Ada's receipt shows "<receipt>"

      Examples:
        | income | told                        | price   | receipt               |
        | 0      | You pay less: 75 % off.     | 250.00  | FINANCIAL-AID/DEDP-75 |
        | 24999  | You pay less: 75 % off.     | 250.00  | FINANCIAL-AID/DEDP-75 |
        | 25,000 | You pay less: 50 % off.     | 500.00  | FINANCIAL-AID/DEDP-50 |
        | 50000  | You pay less: 25 % off.     | 750.00  | FINANCIAL-AID/DEDP-25 |
        | 74999  | You pay less: 25 % off.     | 750.00  | FINANCIAL-AID/DEDP-25 |
        | 75000  | You pay the full price      | 1000.00 | $1,000.00             |

    @AID-02
    Scenario Outline: Country limits and exchange rates adjust the tiers
      Given staff import these country limits
        | country | income | documents |
        | *       | 75000  | no        |
        | IN      | 15000  | no        |
      And staff import these exchange rates
        | currency | per_usd | name         |
        | INR      | 88.25   | Indian rupee |
      When Ada applies with an income of <income> <currency> in "<country>"
      Then Ada would pay $<price> for "14.310x-1T2027"

      Examples:
        | income    | currency | country | price    |
        | 4999      | USD      | IN      | 250.00   |
        | 5000      | USD      | IN      | 500.00   |
        | 14999     | USD      | IN      | 750.00   |
        | 15000     | USD      | IN      | 1,000.00 |
        | 15000     | USD      | KE      | 250.00   |
        | 4,41,249  | INR      | IN      | 250.00   |
        | 4,41,250  | INR      | IN      | 500.00   |
        | 13,23,750 | INR      | IN      | 1,000.00 |

    @AID-03
    Scenario: Tiers can be fixed prices, and can include the program
      Given staff set the tiers of "DEDP" for its courses and the program "DEDP-MM"
        | from  | saving          |
        | 0     | fixed-price:250 |
        | 40000 | fixed-price:600 |
        | 75000 | full            |
      When Ada applies with an income of 40000 USD in "US"
      Then Ada would pay $600.00 for "14.310x-1T2027"
      And Ada would pay $600.00 for "DEDP-MM"

  Rule: The learner sees the price everywhere, and nobody else gets it

    @AID-04
    Scenario: The price is shown at the course and in the basket, to its learner only
      When Ada applies with an income of 30000 USD in "US"
      Then Ada sees "your financial assistance" beside "14.73x-1T2027"
      And Ada would pay $500.00 for "14.73x-1T2027"
      And Ada would pay $4,000.00 for "DEDP-MM"
      And Ada would pay $39.33 for "STATS-1"
      And Bob would pay $1,000.00 for "14.73x-1T2027"

  Rule: Staff decide about applications that need documents or a review

    @AID-05
    Scenario: An application that needs a document is approved by staff
      Given staff import these country limits
        | country | income | documents |
        | *       | 75000  | yes       |
      When Ada applies with an income of 10000 USD in "US"
      Then Ada is told that "We need to see a document"
      And Ada is told that "$250.00"
      And Ada would pay $1,000.00 for "14.310x-1T2027"
      When staff approve Ada's application with the reason "tax return seen"
      Then Ada is told that "You pay less: 75 % off."
      When Ada buys "14.310x-1T2027"
      Then Ada paid $250.00

    @AID-06
    Scenario: Staff approve an application at another tier
      Given staff import these country limits
        | country | income | documents |
        | *       | 75000  | yes       |
      And Ada applied with an income of 10000 USD in "US"
      When staff approve Ada's application at the tier of 50000 with the reason "she earns more"
      Then Ada would pay $750.00 for "14.310x-1T2027"

    @AID-07
    Scenario: A denied application leaves the list price and keeps the reason internal
      Given staff review applications with an income below 25000
      And Ada applied with an income of 10000 USD in "US"
      Then Ada is told that "We are looking at your request"
      When staff deny Ada's application with the reason "the document is of somebody else"
      Then Ada is told that "You pay the full price"
      And Ada would pay $1,000.00 for "14.310x-1T2027"
      And Ada is not told that "somebody else"

  Rule: An application can end, and orders keep their price

    @AID-08
    Scenario: A revoked application ends, and placed orders keep their price
      Given Ada applied with an income of 10000 USD in "US"
      When Ada buys "14.310x-1T2027"
      And staff revoke Ada's application with the reason "it was not true"
      Then Ada paid $250.00
      And Ada's receipt shows "FINANCIAL-AID/DEDP-75"
      And Ada is told that "Your assistance has ended"
      And Ada would pay $1,000.00 for "14.73x-1T2027"

    @AID-09
    Scenario: An approval ends after one year
      Given Ada applied with an income of 10000 USD in "US"
      When 366 days pass
      Then Ada sees the application form
      When Ada applies with an income of 60000 USD in "US"
      Then Ada is told that "You pay less: 25 % off."

  Rule: A learner cannot try incomes until one fits

    @AID-10
    Scenario: A denied learner can apply again after staff reset the application
      Given Ada applied with an income of 80000 USD in "US"
      When Ada applies again with an income of 10 USD in "US"
      Then Ada is told that "You pay the full price"
      When staff reset Ada's application with the reason "she lost her job"
      And Ada applies with an income of 10000 USD in "US"
      Then Ada is told that "We are looking at your request"

    @AID-11
    Scenario: A second application after a withdrawn one is reviewed by staff
      Given staff review applications with an income below 25000
      And Ada applied with an income of 10000 USD in "US"
      When Ada withdraws the application
      And Ada applies with an income of 30000 USD in "US"
      Then Ada is told that "We are looking at your request"

  Rule: Each mistake in the form is shown beside its field

    @AID-12
    Scenario Outline: A form with a mistake is refused
      When Ada fills in "<income>", "<currency>", "<country>" and "<consent>"
      Then Ada is told beside the field "<field>" that "<why>"
      And there is no application

      Examples:
        | income | currency | country | consent | field    | why                                |
        | a lot  | USD      | US      | yes     | income   | is not a yearly income             |
        | 25.000 | USD      | US      | yes     | income   | is not a yearly income             |
        | 25000  | XXX      | US      | yes     | currency | We have no rate for XXX            |
        | 25000  | USD      |         | yes     | country  | Choose the country where you live  |
        | 25000  | USD      | US      |         | consent  | confirm that what you tell us is   |
        |        | USD      | US      | yes     | income   | Tell what your household earns     |
        | 25000  | USD      | XX      | yes     | country  | is not a country                   |
        | 25000  |          | US      | yes     | currency | is not a currency                  |
